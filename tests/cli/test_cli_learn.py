def test_without_history_training_is_refused_with_its_reasons(kansrijk):
    done = kansrijk("train", "--json")
    assert done.code == 4, done.err
    report = done.json
    assert (report["model_version"], report["promoted"]) == (None, False)
    assert (report["metrics"], report["baselines"]) == ({}, {})
    assert len(report["reasons"]) >= 1
    assert all("import" in reason for reason in report["reasons"])

    for_people = kansrijk("train")
    assert (for_people.code, for_people.out) == (4, "")
    assert "No model was trained" in for_people.err


def test_an_empty_registry_and_what_it_refuses(kansrijk):
    listed = kansrijk("models", "--json")
    assert (listed.code, listed.json) == (0, {"versions": [], "champion": None})
    for command in (["promote", "1"], ["rollback"]):
        done = kansrijk(*command, "--json")
        assert done.code == 1, done.err
        assert "kansrijk models" in done.json["error"]


def test_an_unknown_label_is_refused(kansrijk):
    done = kansrijk("train", "--label", "geluk", "--json")
    assert done.code == 1
    assert "geluk" in done.json["error"]
