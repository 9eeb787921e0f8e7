"""The course as web pages that need neither Python nor a network: make site.

live.py      what moves and asks on a page, found in the notebooks' cells
stage.py     the pages' sources: notebooks, documents, the library's reference
front.py     the first page, for whoever decides
states.py, packing.py, tables.py    what a widget knows where there is no Python
player.js, table.js, record.js      what answers on a page in Python's place
address.py   where the repository lies, and the links that follow from it
copies.py    notebooks for Colab and for JupyterLite
lite.py      JupyterLite: the course in the browser alone
conf.py      Sphinx's configuration
"""
