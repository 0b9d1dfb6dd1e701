import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranking_parts import steady

from core.vocabulary import Transport
from ranking.travel import TRANSPORT_ORDER, distance_km, travel_minutes, usual_minutes

LATITUDE, LONGITUDE = st.floats(-89, 89), st.floats(-179, 179)


def one(from_: tuple[float, float], to: tuple[float, float]) -> float:
    return float(distance_km(np.array([from_[0]]), np.array([from_[1]]), *to)[0])


def law_of_cosines(from_: tuple[float, float], to: tuple[float, float]) -> float:
    """The other textbook formula for the same distance."""
    lat, lon, to_lat, to_lon = (math.radians(value) for value in (*from_, *to))
    cosine = math.sin(lat) * math.sin(to_lat) + math.cos(lat) * math.cos(to_lat) * math.cos(to_lon - lon)
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))


def ways(*given_: Transport) -> np.ndarray:
    return np.array([[way in given_ for way in TRANSPORT_ORDER]])


@pytest.mark.parametrize(
    ("from_", "to", "km"),
    [
        # One degree of latitude is 2 pi R / 360 = 111.195 km.
        ((51.0, 4.0), (52.0, 4.0), 111.195),
        # A degree of longitude at the equator is as long, at 60 degrees north half of that.
        ((0.0, 4.0), (0.0, 5.0), 111.195),
        ((60.0, 4.0), (60.0, 4.01), 0.556),
        # Rotterdam Centraal to Schiedam Centrum: dx = 0.0604 * 111.195 * cos(51.923) = 4.142, dy = 0.0035 * 111.195.
        ((51.9249, 4.4690), (51.9214, 4.4086), math.hypot(4.1420, 0.3892)),
        # Rotterdam Centraal to Dordrecht: dx = 0.1988 * 111.195 * cos(51.8664) = 13.650, dy = 0.1171 * 111.195.
        ((51.9249, 4.4690), (51.8078, 4.6678), math.hypot(13.650, 13.021)),
        ((51.9, 4.4), (51.9, 4.4), 0.0),
        ((0.0, 0.0), (0.0, 180.0), 20015.115),
    ],
)
def test_known_distances(from_: tuple[float, float], to: tuple[float, float], km: float) -> None:
    assert one(from_, to) == pytest.approx(km, rel=1e-3, abs=1e-9)


@steady
@given(LATITUDE, LONGITUDE, LATITUDE, LONGITUDE)
def test_distance_is_that_of_the_law_of_cosines_there_and_back(
    lat: float, lon: float, lat2: float, lon2: float
) -> None:
    there, back = one((lat, lon), (lat2, lon2)), one((lat2, lon2), (lat, lon))
    assert there == pytest.approx(back, abs=1e-9)
    assert there == pytest.approx(law_of_cosines((lat, lon), (lat2, lon2)), abs=1e-2)


def test_an_unknown_end_makes_the_distance_unknown() -> None:
    km = distance_km(np.array([np.nan, 51.9, 51.9]), np.array([4.4, np.nan, 4.4]), 51.9, 4.5)
    assert np.isnan(km).tolist() == [True, True, False]
    assert np.isnan(distance_km(np.array([51.9]), np.array([4.4]), math.nan, 4.5)).all()


@pytest.mark.parametrize(
    ("way", "minutes"),
    [
        # 10 km as the crow flies is 13 km of road.
        (Transport.CAR, 13 / 38 * 60 + 8),
        (Transport.MOTORCYCLE, 13 / 40 * 60 + 6),
        (Transport.MOPED, 13 / 26 * 60 + 4),
        (Transport.BICYCLE, 13 / 15 * 60 + 2),
        (Transport.PUBLIC_TRANSPORT, 13 / 24 * 60 + 13),
        (Transport.OTHER, 13 / 5 * 60),
    ],
)
def test_minutes_by_each_way_of_travelling(way: Transport, minutes: float) -> None:
    assert travel_minutes(np.array([10.0]), ways(way))[0] == pytest.approx(minutes)


def test_the_fastest_of_ones_own_ways_counts_and_it_depends_on_the_distance() -> None:
    both = ways(Transport.BICYCLE, Transport.PUBLIC_TRANSPORT)
    near, far = travel_minutes(np.array([1.0]), both)[0], travel_minutes(np.array([20.0]), both)[0]
    assert near == pytest.approx(1.3 / 15 * 60 + 2)
    assert far == pytest.approx(26 / 24 * 60 + 13)


def test_unknown_transport_or_distance_makes_the_time_unknown() -> None:
    minutes = travel_minutes(np.array([5.0, np.nan]), np.vstack([ways(), ways(Transport.CAR)]))
    assert np.isnan(minutes).all()
    assert travel_minutes(np.empty(0), np.empty((0, len(TRANSPORT_ORDER)), dtype=bool)).shape == (0,)


def test_who_did_not_say_how_takes_the_usual_ways() -> None:
    km, nothing = np.array([3.0, 20.0, 20.0, 20.0]), ways()
    transport = np.vstack([nothing, nothing, ways(Transport.CAR), nothing])
    found = usual_minutes(km, transport, np.array([False, False, True, True]))  # the last has nothing at all
    by_bus = 26 / 24 * 60 + 13
    assert found == pytest.approx([3.9 / 15 * 60 + 2, by_bus, 26 / 38 * 60 + 8, by_bus])
    assert np.isnan(usual_minutes(np.array([np.nan]), ways(), np.array([False]))).all()
