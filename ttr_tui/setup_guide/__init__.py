"""The set-up guide for whoever has no app registration yet: text and documents, nothing done.

It says the same seven steps that readiness checks. What a permission is for and does not allow
stands in `model.permissions`; whose client secret and which env file is the caller's to ask.
"""

from ttr_tui.setup_guide.commands import az_lines, powershell_lines
from ttr_tui.setup_guide.manifest import app_manifest, required_resource_access
from ttr_tui.setup_guide.steps import Part, Section, sections
from ttr_tui.setup_guide.wanted import Wanted

__all__ = [
    "Part",
    "Section",
    "Wanted",
    "app_manifest",
    "az_lines",
    "powershell_lines",
    "required_resource_access",
    "sections",
]
