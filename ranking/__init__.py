"""Vacancy → retrieve → eligible → features → score → explain → cut."""
