"""Drugs as a clinical context names them, and which of them are not what a regimen stands or falls by."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lupus_pgx.errors import near, slips, unknown_name
from lupus_pgx.knowledge.tables import MOST_KEPT, split_list

if TYPE_CHECKING:
    from lupus_pgx.knowledge.catalogue import Knowledge

OTHER = "other:"
"""Stands before a drug that the tables do not know."""

_LETTERS_PER_SLIP, _MOST_NEAR = 5, 8
"""So many letters of a name may hold one slip of the pen: a drug is never guessed from afar; so many are compared."""

_COMBINED = " / "
"""Stands between the parts of a combination."""


@lru_cache(maxsize=MOST_KEPT)
def drug_key(name: str) -> str:
    """Return a name of a drug without capitals, with one blank for blanks, strokes and hyphens between its words.

    Examples
    --------
    >>> drug_key("Low-dose  aspirin"), drug_key("nirmatrelvir/ritonavir")
    ('low dose aspirin', 'nirmatrelvir ritonavir')
    """
    return " ".join(re.split(r"[\s/_-]+", name.strip().lower()))


def other_name(given: Any) -> str:
    """Return the name of a drug that is said to be known to no table, as text or a mapping; empty of any other.

    Examples
    --------
    >>> other_name("other: Xyz"), other_name({"other": "Xyz"}), other_name("Xyz")
    ('Xyz', 'Xyz', '')
    """
    if isinstance(given, Mapping):
        given = f"{OTHER} {given['other']}" if set(given) == {"other"} and isinstance(given["other"], str) else ""
    named = isinstance(given, str) and given.strip().lower().startswith(OTHER)
    return given.strip()[len(OTHER) :].strip() if named else ""


def bare_name(given: str) -> str:
    """Return a name without what says that it is known to no table.

    Examples
    --------
    >>> bare_name("other: Xyz"), bare_name("Xyz")
    ('Xyz', 'Xyz')
    """
    return other_name(given) or given


class DrugNames:
    """Every name under which a drug may stand in a context; ``Knowledge.drug_names`` keeps them.

    Parameters
    ----------
    knowledge : Knowledge

    Examples
    --------
    >>> from lupus_pgx import load_knowledge
    >>> names = load_knowledge().drug_names
    >>> names.find("MMF"), names.find("Rifampicin"), names.find("no such drug")
    ('mycophenolate mofetil', 'rifampin', None)
    """

    def __init__(self, knowledge: Knowledge) -> None:
        words = knowledge.rows("context_words")
        self._allergies = frozenset(row["words"] for row in words if row["field"] == "condition")
        names: dict[str, str] = {}
        for drug in knowledge.drugs_by_name.values():
            names.update((name.lower(), drug.drug) for name in drug.names)
        for row in knowledge.rows("partners"):
            for name in (row["partner"], *split_list(row["aliases"])):
                names.setdefault(name.lower(), row["partner"])
        met: list[str] = [row["with"] for row in knowledge.rows("phenoconversion")]
        # A class beside itself names no drug: "statin" stays a word that asks which one.
        pairs = [row for row in knowledge.rows("interactions") if split_list(row["with_drugs"]) != (row["drug"],)]
        met += [name for row in pairs for name in split_list(row["with_drugs"])]
        met += [row["member"] for row in knowledge.rows("drug_classes")]
        met += [row["drug"] for row in pairs]
        for name in met:
            names.setdefault(name.lower(), name)
        self._names = names
        self._keys = {drug_key(name): drug for name, drug in names.items()}
        self._classes = {drug.row["drug_class"].lower(): drug.drug for drug in knowledge.drugs_by_name.values()}
        self._classes |= {row["class"].lower(): row["member"] for row in reversed(knowledge.rows("drug_classes"))}
        self._short = {row["words"]: (row["value"] or "").lower() for row in words if row["field"] == "class"}
        self._brands = {row["words"].lower(): row["value"] or "" for row in words if row["field"] == "drug"} | names
        self._heads = {row["member"]: row["class"] for row in knowledge.rows("drug_classes")} | class_heads(knowledge)

    def find(self, name: str) -> str | None:
        """Return a drug by a name or alias, as the tables write it; None if no table knows it."""
        return self._keys.get(drug_key(name))

    def parts(self, name: str) -> tuple[str, ...]:
        """Return what a drug stands for: itself, and each part of a combination, as the tables write it.

        Parameters
        ----------
        name : str
            A name of the tables.

        Returns
        -------
        tuple of str

        Examples
        --------
        >>> from lupus_pgx import load_knowledge
        >>> load_knowledge().drug_names.parts("nirmatrelvir / ritonavir")
        ('nirmatrelvir / ritonavir', 'nirmatrelvir', 'ritonavir')
        """
        parts = name.split(_COMBINED)
        return (name, *(self.find(part) or part for part in parts)) if len(parts) > 1 else (name,)

    def of_class(self, name: str) -> str:
        """Say that a name is that of a class, and its drugs are asked for; empty where it is none."""
        own = " ".join(re.split(r"[\s_-]+", name.strip().lower()))
        own = self._short.get(own, own)
        member = self._classes.get(own) or self._classes.get(own.removesuffix("s"))
        if member is None:
            return ""
        allergy = f"{own} allergy"
        told = allergy in self._allergies
        said = f"; of an allergy to all of them conditions: {{{allergy}: true}}" if told else ""
        return f"{name!r} is a class: write the drug that is meant, such as {member}{said}"

    def unknown(self, name: str) -> str:
        """Say that no table knows a drug, with near matches; of a class, that its drugs are asked for."""
        return self.of_class(name) or (
            f"{unknown_name('drug', name, self._names, 'drugs', self.meant(name))}; if the name is right, "
            f"write '{OTHER} {name}'"
        )

    def meant(self, name: str, asked: Collection[str] | None = None) -> list[str]:
        """Return the drugs of whose name one may be a slip of the pen; none where another class has a name as near.

        Parameters
        ----------
        name : str
        asked : collection of str, optional
            The only drugs that count.

        Examples
        --------
        >>> from lupus_pgx import load_knowledge
        >>> names = load_knowledge().drug_names
        >>> names.meant("azathiopurin"), names.meant("Hydrocortone")
        (['azathioprine'], [])
        """
        typed = name.strip().lower()
        likely = near(typed, (known for known in self._brands if known[:1] == typed[:1]), _MOST_NEAR)
        found = [known for known in likely if slips(typed, known) <= len(typed) // _LETTERS_PER_SLIP]
        classes = {self._heads.get(self._brands[known], self._brands[known]) for known in found}
        if len(classes) > 1:
            return []
        return [known for known in found if known in self._names and (asked is None or self._names[known] in asked)][:2]


def class_heads(knowledge: Knowledge) -> dict[str, str]:
    """Return the class of each drug without what tells it apart there, which stands behind a comma.

    Examples
    --------
    >>> from lupus_pgx import load_knowledge
    >>> class_heads(load_knowledge())["ocrelizumab"]
    'anti-CD20 monoclonal antibody'
    """
    return {name: drug.row["drug_class"].partition(",")[0] for name, drug in knowledge.drugs_by_name.items()}


def class_members(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """Return the drugs of each class: those of the table ``drug_classes``, and those of the table ``drugs``.

    A class that is a member of another brings its own members. ``Knowledge.class_members`` keeps them.

    Examples
    --------
    >>> from lupus_pgx import load_knowledge
    >>> sorted(load_knowledge().class_members["xanthine oxidase inhibitor"])
    ['allopurinol', 'febuxostat']
    """
    names = knowledge.drug_names
    direct: dict[str, set[str]] = {}
    for row in knowledge.rows("drug_classes"):
        direct.setdefault(row["class"], set()).add(row["member"])
    for drug in knowledge.drugs_by_name.values():
        direct.setdefault(drug.row["drug_class"], set()).add(drug.drug)

    def members(name: str, above: frozenset[str]) -> set[str]:
        found: set[str] = set()
        for member in direct[name]:
            if member in direct and member not in above:
                found |= members(member, above | {member})
            else:
                found.add(names.find(member) or member)
        return found

    return {name: frozenset(members(name, frozenset((name,)))) for name in direct}


def background_drugs(knowledge: Knowledge) -> frozenset[str]:
    """Return the drugs that the options give to everyone, whatever the manifestation."""
    return frozenset(
        drug
        for row in knowledge.rows("therapy_options")
        if row["stage"] == "background"
        for drug in split_list(row["drugs"])
    )


def accompanying_drugs(knowledge: Knowledge) -> frozenset[str]:
    """Return the drugs of the classes that accompany regimens of every line and outlast them (table ``roles``)."""
    drugs, classes = knowledge.drugs_by_name, knowledge.with_role("accompanies")
    return frozenset(name for name, drug in drugs.items() if drug.row["drug_class"] in classes)
