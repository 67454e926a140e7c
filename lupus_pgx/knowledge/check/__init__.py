"""Checks of knowledge tables: their form, their links, and the science in them.

**In**: tables of a folder, shipped or an overlay. **Out**: faults, each as ``file:line: column=value: rule``, all
at once.

The one idea: whatever a curator can get wrong is found before an analysis uses it. ``form`` checks cells by the
schema of the table; ``tables`` what links tables (a key that is not there, a row twice); ``loci`` the positions,
letters and alleles on both builds; ``rules`` that conditions can be met and that no row lacks a source; ``faults``
collects.

What may not be done here: mend anything, or stop at the first fault. This room is imported only when something is
checked; an analysis with shipped tables never loads it.
"""
