"""From calls to the predicted response to each drug.

**In**: phenotypes and markers, the drugs asked for, the checks of the clinical context. **Out**:
:class:`~lupus_pgx.response.drugs.DrugResponses`, for each drug the distinct judgements and which sample has which.

The one idea: not the phenotype but the *action* must be certain. ``certainty`` works out the probability that a
condition holds on the joint distribution of all genes a rule looks at; ``decisions`` decides from it: a restricting
action fires from 0.95, the usual dose is stated only where any restricting action is below 0.01 and every essential
locus was seen; ``judgement`` joins the bodies of a drug, or takes evidence where there is none; ``prediction``
does so once for all calls that no rule tells apart; ``drugs`` puts judgement, evidence and context of one drug
together.

What may not be done here: multiply factors of different sources, let weak evidence set an action, or let what was
not assessed pass as usual.
"""
