"""Distance and modelled door-to-door travel time, vectorised.

There is no router in the house: time is distance over a speed per way of travelling, plus the minutes before
and after the ride. Good enough to order people by; a real planner can take this file's place.
"""

import numpy as np
import numpy.typing as npt

from core.vocabulary import Transport

Floats = npt.NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
DETOUR = 1.3  # roads are about 30 % longer than the crow flies in a river delta with few bridges

# (km/h door to door in the Rotterdam region at shift-change hours, minutes of walking, waiting and parking)
SPEED_AND_OVERHEAD: dict[Transport, tuple[float, float]] = {
    Transport.CAR: (38.0, 8.0),
    Transport.MOTORCYCLE: (40.0, 6.0),
    Transport.MOPED: (26.0, 4.0),
    Transport.BICYCLE: (15.0, 2.0),
    Transport.PUBLIC_TRANSPORT: (24.0, 13.0),
    Transport.OTHER: (5.0, 0.0),  # on foot
}
TRANSPORT_ORDER = tuple(SPEED_AND_OVERHEAD)


def distance_km(lat: Floats, lon: Floats, to_lat: float, to_lon: float) -> Floats:
    """Great-circle distance by the haversine formula.

    Args:
        lat: latitudes (n,) in degrees; NaN is unknown.
        lon: longitudes (n,) in degrees.
        to_lat: latitude of the destination.
        to_lon: longitude of the destination.

    Returns:
        Kilometres (n,); NaN where either end is unknown.
    """
    phi, to_phi = np.radians(lat), np.radians(to_lat)
    half_dlat = (to_phi - phi) / 2
    half_dlon = np.radians(to_lon - lon) / 2
    chord = np.sin(half_dlat) ** 2 + np.cos(phi) * np.cos(to_phi) * np.sin(half_dlon) ** 2
    result: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return result


def travel_minutes(km: Floats, transport: npt.NDArray[np.bool_]) -> Floats:
    """Modelled time with the fastest of a talent's own ways of travelling.

    Args:
        km: great-circle distance (n,); NaN is unknown.
        transport: (n, len(TRANSPORT_ORDER)) which ways each talent has; an all-false row means unknown.

    Returns:
        Minutes (n,); NaN where distance or transport is unknown.
    """
    speed = np.array([SPEED_AND_OVERHEAD[way][0] for way in TRANSPORT_ORDER])
    overhead = np.array([SPEED_AND_OVERHEAD[way][1] for way in TRANSPORT_ORDER])
    minutes = km[:, None] * DETOUR / speed * 60 + overhead
    fastest: Floats = np.min(np.where(transport, minutes, np.inf), axis=1, initial=np.inf)
    return np.where(np.isinf(fastest), np.nan, fastest)


USUAL = np.array([way in (Transport.BICYCLE, Transport.PUBLIC_TRANSPORT) for way in TRANSPORT_ORDER])
"""What nearly everyone can travel with: taken for those who did not say."""
USUAL_LIMIT = 45.0
"""Minutes one way that people commonly accept: taken for those who did not say."""


def usual_minutes(km: Floats, transport: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> Floats:
    """Like :func:`travel_minutes`, with the usual ways for whoever did not say; NaN where the distance is unknown."""
    return travel_minutes(km, np.where((known & transport.any(axis=1))[:, None], transport, USUAL))
