"""Words that people use in a context, and how they write days, doses, denials and ends of courses.

**In**: a text. **Out**: what it stands for, or nothing. The words are rows of ``context_words`` (``word_rows``);
``notes`` keeps what is said of them and what is refused.

The one idea: a word is read as it is meant or refused with what to write, never guessed.

What may not be done here: bring a document into the form. That is the room ``told``.
"""
