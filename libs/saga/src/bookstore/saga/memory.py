"""Fakes for the tests of participants and of those who ask for sagas: all in memory."""

from bookstore.saga.inbox import Answer, AnsweredMeanwhileError, Inbox


class MemoryInbox(Inbox):
    """An inbox that lasts as long as the test; nothing is ever rolled back."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}

    def find(self, key: str) -> Answer | None:
        return self.answers.get(key)

    def keep(self, key: str, answer: Answer) -> None:
        if key in self.answers:
            raise AnsweredMeanwhileError(f"{key} was answered meanwhile")
        self.answers[key] = answer
