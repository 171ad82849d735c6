"""What the form of a trial sends: the study's text, its fields, and how much is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from trialeukin.core.errors import InputError
from trialeukin.store.run_record import RunOptions
from trialeukin.trial.run import PATIENTS, REPLICATES, SEED
from trialeukin.web.asked import whole_number_of
from trialeukin.web.forms.study_form import PICK, content_of, digest, fields_digest, with_fields, written
from trialeukin.web.settings import Limits

WAS_TEXT, WAS_FIELDS = "was_text", "was_fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A form as it was sent.

    Attributes
    ----------
    text : str
        The study's text.
    sent : mapping
        Every value by its name; the last where a name is there twice.
    """

    text: str = ""
    sent: Mapping[str, str] = field(default_factory=dict)

    def typed(self, name: str) -> str:
        """Return what was typed into a field; nothing where it was not sent."""
        return self.sent.get(name, "")

    @property
    def fills(self) -> bool:
        """Whether it asks for what fills other fields: an arm, a regimen of the library, a rate of accrual."""
        picked = any(value for name, value in self.sent.items() if name.endswith(f".{PICK}"))
        return bool(self.typed("act") or self.typed("rate").strip() or picked)

    def written(self) -> str:
        """Return the text that the fields write."""
        return written(self.text, self.sent)

    def settled(self) -> str:
        """Return the text that is meant: the one that was sent, or the fields' where those alone were changed.

        Raises
        ------
        InputError
            When both were changed, and differ.
        """
        was_text, was_fields = self.typed(WAS_TEXT), self.typed(WAS_FIELDS)
        if not was_text or fields_digest(self.sent) == was_fields:
            return self.text
        if digest(self.text) != was_text:
            content = content_of(self.text)
            if content is not None and with_fields(content, self.sent) == content:
                return self.text
            raise InputError(
                "both the fields and the text were changed, and differ: press 'Write the text from the fields' or "
                "'Fill the fields from the text'"
            )
        return self.written()

    def options(self, limits: Limits) -> RunOptions:
        """Return how much is computed.

        Raises
        ------
        InputError
            When one is no number, or beyond what this server computes.
        """
        return RunOptions(
            patients=whole_number_of(self.typed("patients"), "patients", PATIENTS, (100, limits.run_patients)),
            replicates=whole_number_of(self.typed("replicates"), "replicates", REPLICATES, (10, limits.run_replicates)),
            seed=whole_number_of(self.typed("seed"), "seed", SEED, (0, 2**63 - 1)),
            effect=not self.typed("null"),
        )


async def given(request: Request) -> Given:
    """Return what a request's form holds."""
    form = await request.form()
    sent = {name: value.replace("\r\n", "\n") for name, value in form.multi_items() if isinstance(value, str)}
    return Given(text=sent.pop("text", ""), sent=sent)


Sent = Annotated[Given, Depends(given)]
