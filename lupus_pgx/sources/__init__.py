"""Public sources of knowledge: what they say today, beside what the tables say.

**In**: the public interfaces of CPIC, ClinPGx and PharmVar, or a snapshot of what they said. **Out**: a
:class:`~lupus_pgx.sources.proposal.Proposal`: facts that were added, changed or taken back, rows for an overlay where
they can be made without a curator, and the reason where they cannot.

The one idea: nothing is adopted by asking. ``client`` asks politely and takes only whole answers of the expected kind;
``snapshots`` keeps them with date and checksum, so that a proposal can be made again without the network; ``cpic``,
``clinpgx`` and ``pharmvar`` say what to ask and read facts from the answers; ``proposal`` holds the facts against the
rows and writes what a person reviews; ``adoption`` lays reviewed rows into an overlay.

What may not be done here: change a shipped table, replace a curated row in silence, take half an answer for a whole
one, or be imported by anything that analyzes: analysis never uses the network.
"""
