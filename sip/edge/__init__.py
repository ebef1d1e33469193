"""The SIP edge: Kamailio in front of livekit-sip, its configuration made from the trunk files (docs/edge.md).

`written(edge, folder)` puts what Kamailio reads into a folder; `behind` changes what LiveKit is to hold when an edge
stands in front of it. Knows nothing of the rest of the product.
"""

from sip.edge.admission import Admission, admission
from sip.edge.behind import behind
from sip.edge.files import write
from sip.edge.model import Address, Edge, Limits

__all__ = ["Address", "Admission", "Edge", "Limits", "admission", "behind", "write"]
