"""Knock-outs by the contract, on what the records tell: known not to be met excludes, unknown does not.

Travel is modelled: a road is ``DETOUR`` times the great circle, and each means of transport has a speed and a fixed
time for walking, parking and waiting. Everyone takes the fastest of their own means.
"""

import numpy as np

from training.world.content import Content, Floats
from training.world.firms import Job
from training.world.people import LICENCES, NOTHING, TRANSPORT, Bools, People

DETOUR = 1.3
# (kilometres an hour, minutes before and after), in the order of TRANSPORT.
PACE = {"car": (42.0, 6.0), "moped": (28.0, 4.0), "bicycle": (16.0, 3.0), "public_transport": (22.0, 14.0)}
REMOTE_MINUTES = 35.0  # where no bus goes: the walk or the wait that public transport leaves
WHEELS = np.array([True, True, True, False])  # what counts as transport of one's own


def travel_km(people: People, job: Job, content: Content) -> Floats:
    """Road kilometres one way between the centres of the postcode areas, (n,)."""
    return np.asarray(DETOUR * content.area_km[job.area][people.area])


def travel_minutes(people: People, km: Floats, job: Job) -> Floats:
    """Minutes one way by the fastest of a talent's own means, (n,)."""
    fastest = np.full(len(people), np.inf)
    for column, mode in enumerate(TRANSPORT):
        speed, fixed = PACE[mode]
        extra = REMOTE_MINUTES if job.own_wheels and mode == "public_transport" else 0.0
        minutes = 60.0 * km / speed + fixed + extra
        fastest = np.where(people.transport[:, column], np.minimum(fastest, minutes), fastest)
    return fastest


def _papers(people: People, job: Job, content: Content) -> Bools:
    """Licences and certificates. A record that names some and not this one says no; one that names none is silent."""
    fits = np.ones(len(people), dtype=np.bool_)
    if job.known["licences"]:
        silent = ~people.known["licences"] | ~people.licences.any(axis=1)
        for licence in job.licences:
            fits &= silent | people.licences[:, LICENCES.index(licence)]
    if job.known["certificates"]:
        silent = ~people.known["certificates"] | ~people.certificates.any(axis=1)
        names = list(content.certificates)
        for key in job.certificates:
            if key not in job.taught or not job.known["training"]:
                fits &= silent | people.certificates[:, names.index(key)]
    return fits


def _time(people: People, job: Job) -> Bools:
    fits = np.ones(len(people), dtype=np.bool_)
    if job.known["hours"]:
        overlap = (people.hours_max >= job.hours[0]) & (people.hours_min <= job.hours[1])
        fits &= overlap | ~people.known["hours"]
    if job.known["starts_on"]:
        in_time = people.available_from <= job.starts
        stays = (people.available_until == NOTHING) | (people.available_until >= job.starts)
        fits &= (in_time & stays) | ~people.known["available"]
    return fits


def _reach(people: People, job: Job, content: Content) -> Bools:
    fits = np.ones(len(people), dtype=np.bool_)
    if job.known["wheels"] and job.own_wheels:
        fits &= (people.transport & WHEELS).any(axis=1) | ~people.known["transport"]
    if job.known["location"]:
        located = people.known["location"]
        km = travel_km(people, job, content)
        fits &= (km <= people.max_km) | ~people.known["max_km"] | ~located
        timed = people.known["max_minutes"] & people.known["transport"] & located
        fits &= (travel_minutes(people, km, job) <= people.max_minutes) | ~timed
    return fits


def eligible(people: People, job: Job, content: Content) -> Bools:
    """Who no known answer rules out, (n,). Certificates that the employer says it teaches rule nobody out."""
    fits = _papers(people, job, content) & _time(people, job) & _reach(people, job, content)
    if job.known["language"]:
        fits &= (people.dutch >= job.dutch) | ~people.known["language"]
    return fits
