"""Views: values to text, for terminals, Markdown, JSON, JUnit, SARIF, Mermaid and DOT.

Yours is here when you change how something looks, or add a format. A view is named like the verb
or the resource that it shows; it returns text and never prints.
"""
