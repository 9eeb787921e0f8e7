"""The classroom: checks, widgets, tools. It needs Jupyter; the library never imports it."""
