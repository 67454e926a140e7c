"""CPIC: functions, definitions and phenotypes of alleles, versions of recommendations, log of changes.

The interface is PostgREST over the tables of CPIC's database (https://github.com/cpicpgx/cpic-data/wiki): a path is a
table, ``select`` names columns and the rows of other tables that belong to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lupus_pgx.errors import InputError
from lupus_pgx.knowledge.catalogue import Knowledge
from lupus_pgx.sources.client import Answer, Client
from lupus_pgx.sources.facts import Fact, Facts, answer_of, name_of, objects, text_of
from lupus_pgx.terms import Build

NAME = "cpic"
BASE = "https://api.cpicpgx.org/v1"
INTERVAL = 0.5
LICENCE = "CC0 (CPIC); since its move to ClinPGx see https://www.clinpgx.org/page/dataUsagePolicy"

_SUBSTITUTION = re.compile(r"g\.(\d+)([ACGT])>([ACGT])(?:/[ACGT])*")
_LETTERS = frozenset("ACGT")
_UNASSIGNED = "not assigned"
_ONE_COPY = "hemizygous"


def ask(client: Client, genes: Sequence[str], since: str) -> Iterator[tuple[str, Answer]]:
    """Yield the answers to all questions, by name.

    Parameters
    ----------
    client : Client
    genes : sequence of str
    since : str
        Day from which the log of changes is read.

    Yields
    ------
    tuple of str and Answer

    Raises
    ------
    InputMissingError, InputError
        As :meth:`~lupus_pgx.sources.client.Client.pages`.
    """
    ours = f"in.({','.join(genes)})"
    questions = {
        "allele": {
            "genesymbol": ours,
            "select": "genesymbol,name,clinicalfunctionalstatus,activityvalue",
            "order": "genesymbol,name",
        },
        "allele_definition": {
            "genesymbol": ours,
            "select": "genesymbol,name,pharmvarid,matchesreferencesequence,structuralvariation,"
            "allele_location_value(variantallele,sequence_location(dbsnpid,chromosomelocation))",
            "order": "genesymbol,name",
        },
        "gene_result": {
            "genesymbol": ours,
            "select": "genesymbol,result,gene_result_lookup(function1,function2,totalactivityscore)",
            "order": "genesymbol,id",
        },
        "recommendation": {
            "select": "id,version,lookupkey,population,classification,drug(name),guideline(name,url)",
            "order": "id",
        },
        "change_log": {"date": f"gt.{since}", "select": "date,type,entityid,note", "order": "date,type,entityid"},
    }
    for name, params in questions.items():
        yield name, client.pages(name, params)


def facts(answers: Mapping[str, Answer], earlier: Mapping[str, Answer], knowledge: Knowledge) -> Facts:
    """Read the facts of the answers.

    Parameters
    ----------
    answers : mapping of str to Answer
        As :func:`ask` yields them.
    earlier : mapping of str to Answer
        Of an earlier snapshot, to tell which recommendations changed; may be empty.
    knowledge : Knowledge
        Says which genes and loci we have, and which words we use.

    Returns
    -------
    Facts

    Raises
    ------
    InputError
        If an answer has another form than the one that is known.
    """
    genes = set(knowledge.star_genes)
    found = [
        *_functions(
            answer_of(answers, "allele"), genes, {row["function"] for row in knowledge.rows("allele_function")}
        ),
        *_definitions(answer_of(answers, "allele_definition"), knowledge),
        *_phenotypes(answer_of(answers, "gene_result"), genes),
    ]
    scope = {(fact.table, fact.key[0]) for fact in found}
    remarks = [
        *_log(answer_of(answers, "change_log"), genes),
        *_recommendations(answer_of(answers, "recommendation"), earlier, knowledge),
    ]
    return Facts(tuple(found), frozenset(scope), tuple(remarks))


def pharmvar_identifiers(answers: Mapping[str, Answer]) -> dict[tuple[str, str], str]:
    """Return the PharmVar identifier of each allele, by gene and name, as far as CPIC states one.

    They change no call, so no overlay is made of them: ``tools/build_identifiers.py`` writes them into the table.
    """
    answer = answer_of(answers, "allele_definition")
    rows = objects(answer, ("genesymbol", "name", "pharmvarid"))
    found = {
        (name_of(answer, row, "genesymbol"), name_of(answer, row, "name")): text_of(answer, row, "pharmvarid")
        for row in rows
    }
    return {key: identifier for key, identifier in found.items() if identifier}


def _functions(answer: Answer, genes: set[str], words: set[str]) -> Iterator[Fact]:
    for row in objects(answer, ("genesymbol", "name", "clinicalfunctionalstatus", "activityvalue")):
        gene, name = name_of(answer, row, "genesymbol"), name_of(answer, row, "name")
        if gene in genes:
            cells = {"function": _function(text_of(answer, row, "clinicalfunctionalstatus"))}
            value = text_of(answer, row, "activityvalue")
            if _is_number(value):
                cells["activity_value"] = f"{float(value)}"
            known = cells["function"] in words
            yield Fact("allele_function", (gene, name), cells, "" if known else "a function that no rule of ours reads")


def _function(text: str) -> str:
    """Return our word: G6PD's classes stand before a slash, which the rules do not read."""
    word = text.rpartition("/")[2].strip() or _UNASSIGNED
    return word[:1].upper() + word[1:] if word != _UNASSIGNED else word


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII) is not None


def _phenotypes(answer: Answer, genes: set[str]) -> Iterator[Fact]:
    """Yield phenotypes of pairs of functions; those of scores stand in rules of their own and are left alone."""
    for row in objects(answer, ("genesymbol", "result", "gene_result_lookup")):
        gene, result = name_of(answer, row, "genesymbol"), text_of(answer, row, "result")
        for lookup in _rows(answer, row, "gene_result_lookup"):
            words = [text_of(answer, lookup, f"function{number}") for number in (1, 2)]
            scored = _is_number(text_of(answer, lookup, "totalactivityscore"))
            if gene in genes and words[0] and not scored:
                functions = sorted((_function(words[0]), _function(words[1]) if words[1] else _ONE_COPY))
                yield Fact("phenotype_rules", (gene, *functions), {"phenotype": result})


def _rows(answer: Answer, row: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InputError(f"{answer.place}: expected rows in {name}; the source has changed its form")
    return value


def _definitions(answer: Answer, knowledge: Knowledge) -> Iterator[Fact]:
    """Yield which changes define each allele: as rows of ours where all lie at loci that we have."""
    needed = ("genesymbol", "name", "matchesreferencesequence", "structuralvariation", "allele_location_value")
    by_gene = {gene: _Loci(knowledge, gene) for gene in knowledge.star_genes}
    for row in objects(answer, needed):
        gene, name = name_of(answer, row, "genesymbol"), name_of(answer, row, "name")
        if not all(row[flag] in (True, False, None) for flag in ("matchesreferencesequence", "structuralvariation")):
            raise InputError(f"{answer.place}: expected yes or no of {gene} {name}; the source has changed its form")
        if gene not in by_gene or row["matchesreferencesequence"]:
            continue
        if row["structuralvariation"]:
            yield Fact("allele_loci", (gene, name), {}, "its structure cannot be told from a VCF")
            continue
        changes, obstacles = [], []
        for value in _rows(answer, row, "allele_location_value"):
            place = value.get("sequence_location")
            if not isinstance(place, dict):
                raise InputError(
                    f"{answer.place}: expected a location of {gene} {name}; the source has changed its form"
                )
            change, obstacle = by_gene[gene].change(
                text_of(answer, value, "variantallele"),
                text_of(answer, place, "dbsnpid"),
                text_of(answer, place, "chromosomelocation"),
            )
            changes.append(change)
            obstacles.append(obstacle)
        why = "; ".join(dict.fromkeys(filter(None, obstacles)))
        cells = {"changes": " ".join(sorted(filter(None, changes)))}
        yield Fact("allele_loci", (gene, name), cells, why if changes else "no change is given")


class _Loci:
    """The loci of a gene as CPIC names them: by rsID, or by position and letters on GRCh38."""

    def __init__(self, knowledge: Knowledge, gene: str) -> None:
        loci = knowledge.loci_by_gene.get(gene, ())
        self.by_rsid = {locus.rsid: locus for locus in loci if locus.rsid}
        self.by_place = {(site.pos, site.letters[0]): locus for locus in loci for site in (locus.sites[Build.GRCH38],)}

    def change(self, letters: str, rsid: str, place: str) -> tuple[str, str]:
        """Return a change as ``LOCUS:REF>ALT``, and what keeps it from being a row of ours."""
        found = _SUBSTITUTION.fullmatch(place)
        locus = self.by_rsid.get(rsid)
        if locus is None and found:
            locus = self.by_place.get((int(found[1]), found[2]))
        named = rsid or place
        if locus is None:
            return f"{named}:{letters}", f"{named} is no locus of ours: it needs its position on both builds"
        if not found or letters not in _LETTERS:
            return f"{locus.name}:{letters}", f"{named} {letters}: an insertion, deletion or choice of letters"
        known = locus.sites[Build.GRCH38].letters
        if found[2] != known[0] or letters not in known[1:]:
            return f"{locus.name}:{letters}", f"{named} {found[2]}>{letters}: our locus has other letters"
        return f"{locus.name}:{found[2]}>{letters}", ""


def _log(answer: Answer, genes: set[str]) -> Iterator[str]:
    if answer.json() == []:  # nothing changed since: the one answer that may be empty
        return
    for row in objects(answer, ("date", "type", "entityid", "note")):
        cells = {name: text_of(answer, row, name) for name in ("date", "type", "entityid", "note")}
        if cells["entityid"] in genes:
            yield f"{cells['date']} {cells['entityid']} ({cells['type'].lower().replace('_', ' ')}): {cells['note']}"


def _recommendations(answer: Answer, earlier: Mapping[str, Answer], knowledge: Knowledge) -> Iterator[str]:
    """Yield which recommendations about our drugs are new or have a new version since an earlier snapshot."""
    now = dict(_versions(answer))  # read even where there is nothing to compare with: only whole answers are kept
    if "recommendation" not in earlier:
        return
    before = dict(_versions(earlier["recommendation"]))
    ours = {name.lower() for name in knowledge.drugs_by_name}
    changed = [key for key, version in now.items() if before.get(key) != version]
    for drug in sorted({drug for drug, *_ in (*changed, *(before.keys() - now.keys()))} & ours):
        keys = [f"{lookup} ({population})" for name, lookup, population in changed if name == drug]
        gone = sum(name == drug for name, *_ in before.keys() - now.keys())
        told = [f"new or reworded: {', '.join(keys)}" if keys else "", f"taken back: {gone}" if gone else ""]
        yield f"{drug}: read the guidance rows of CPIC again ({'; '.join(filter(None, told))})"


def _versions(answer: Answer) -> Iterable[tuple[tuple[str, str, str], str]]:
    for row in objects(answer, ("id", "version", "lookupkey", "population", "drug")):
        drug, lookup = row["drug"], row["lookupkey"]
        if not isinstance(drug, dict) or not isinstance(lookup, dict):
            raise InputError(f"{answer.place}: expected a drug and a lookup key; the source has changed its form")
        key = ", ".join(f"{gene} {value}" for gene, value in sorted(lookup.items()))
        yield (
            (name_of(answer, drug, "name").lower(), key, text_of(answer, row, "population")),
            text_of(answer, row, "version"),
        )
