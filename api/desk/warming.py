"""What the pages keep in memory, read before the first visitor instead of while they wait."""

import logging

from api.desk.aftercare_book import AftercareBook
from api.desk.overview_book import OverviewBook
from api.service import Service
from core.errors import KansrijkError
from core.shortlists import Gap
from core.vocabulary import GapKind

logger = logging.getLogger(__name__)


def warm(service: Service, aftercare: AftercareBook, overview: OverviewBook) -> None:
    """Reads the lists, the books, the open vacancies and the courses once; some seconds with 10,000 people.

    What cannot be read now, such as the ranking before the first index, is read later by whoever needs it.
    """
    now = service.clock()
    people, vacancies = service.store.people.lines(), service.store.desk.vacancies()
    aftercare.queue(now)
    overview.counted(now)
    if not people or not vacancies:
        return
    talent = service.store.talent(next(iter(people))).record
    vacancy = service.store.vacancy(vacancies[0].vacancy_id).record
    try:
        service.ranking.courses_for([Gap(kind=GapKind.SKILL, what="samenwerken")], talent, vacancy)
        service.ranking.vacancies(talent.talent_id, k=1)
    except KansrijkError as error:
        logger.info("pages are not warm yet: %s", type(error).__name__)
