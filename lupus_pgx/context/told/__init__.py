"""What people wrote, brought into the form: each module takes one thing that is told.

**In**: a document as it was written. **Out**: the same with the fields, names and values of the form, and remarks on
everything that was read as something else. ``as_written`` calls the others: ``results``, ``names`` of fields,
``allergies``, ``conditions`` (then ``answered_conditions``), ``contraception``, lists of drugs, ``courses`` and
``reactions``.

The one idea: nothing that was told is lost. It is read, or said to be left out, or refused.

What may not be done here: judge what is told. That is the room ``judged``.
"""
