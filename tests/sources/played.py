"""A local server that plays the public interfaces, with the shipped tables as what they say."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lupus_pgx.terms import Build

CLASSES = {"Deficient": "III/Deficient", "Deficient with CNSHA": "I/Deficient with CNSHA", "Normal": "IV/Normal"}


def cpic_tables(knowledge) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of CPIC as far as they are asked for, made of the shipped ones."""
    functions = [row for row in knowledge.rows("allele_function") if row["gene"] in knowledge.star_genes]
    loci = {(locus.gene, locus.name): locus for group in knowledge.loci_by_gene.values() for locus in group}
    changes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in knowledge.rows("allele_loci"):
        if row["role"] == "required":
            locus = loci[row["gene"], row["locus"]]
            site = locus.sites[Build.GRCH38]
            plain = len(row["grch38_ref"]) == len(row["grch38_alt"]) == 1
            place = f"g.{site.pos}{row['grch38_ref']}>{row['grch38_alt']}" if plain else f"g.{site.pos}delins"
            location = {"dbsnpid": locus.rsid or None, "chromosomelocation": place}
            changes.setdefault((row["gene"], row["allele"]), []).append(
                {"variantallele": row["grch38_alt"] if plain else "delins", "sequence_location": location}
            )
    definitions = [
        {
            "genesymbol": row["gene"],
            "name": row["allele"],
            "pharmvarid": row["pharmvar"],
            "matchesreferencesequence": (row["gene"], row["allele"]) not in changes and row["kind"] == "sequence",
            "structuralvariation": row["kind"] == "structural",
            "allele_location_value": changes.get((row["gene"], row["allele"]), []),
        }
        for row in knowledge.rows("alleles")
        if row["gene"] in knowledge.star_genes
    ]
    results: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in knowledge.rows("phenotype_rules"):
        second = None if row["function_2"] == "hemizygous" else row["function_2"]
        lookup = {"function1": row["function_1"], "function2": second, "totalactivityscore": "n/a"}
        results.setdefault((row["gene"], row["phenotype"]), []).append(lookup)
    return {
        "allele": [
            {
                "genesymbol": row["gene"],
                "name": row["allele"],
                "clinicalfunctionalstatus": None
                if row["function"] == "not assigned"
                else CLASSES.get(row["function"], row["function"]),
                "activityvalue": "n/a" if row["activity_value"] is None else str(row["activity_value"]),
            }
            for row in functions
        ],
        "allele_definition": definitions,
        "gene_result": [
            {"genesymbol": gene, "result": result, "gene_result_lookup": lookups}
            for (gene, result), lookups in results.items()
        ],
        "recommendation": [
            {
                "id": number,
                "version": 1,
                "lookupkey": {"TPMT": phenotype},
                "population": "general",
                "classification": "Strong",
                "drug": {"name": "azathioprine"},
                "guideline": {"name": "thiopurines", "url": ""},
            }
            for number, phenotype in enumerate(("Poor Metabolizer", "Normal Metabolizer"))
        ],
        "change_log": [],
    }


class Played:
    """The server; ``tables`` are what it says, ``faults`` what it does instead when a path is asked."""

    def __init__(self, tables: dict[str, Any], most: int = 300) -> None:
        self.tables = tables
        self.most = most
        self.asked: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self.faults: dict[str, list[Callable[[Any], None] | None]] = {}
        played = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                played.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        path = parts.path.strip("/")
        self.asked[path] += 1
        self.headers.append(dict(request.headers.items()))
        waiting = self.faults.get(path)
        fault = waiting.pop(0) if waiting and len(waiting) > 1 else waiting[0] if waiting else None
        if fault is not None:
            fault(request)
            return
        found = self.tables.get(path)
        if found is None:
            send(request, 404, b"{}")
            return
        query = parse_qs(parts.query)
        if isinstance(found, list) and "limit" in query:  # PostgREST caps its pages
            start, size = int(query["offset"][0]), min(int(query["limit"][0]), self.most)
            found = found[start : start + size]
        send(request, 200, json.dumps(found).encode())


def send(request, status: int, body: bytes, kind: str = "application/json", **headers: str) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", headers.pop("length", str(len(body))))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def stall(request) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", "10")
    request.end_headers()
    threading.Event().wait(1.0)  # not time.sleep, which tests of the command take away
