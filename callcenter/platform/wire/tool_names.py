"""The tools that agents have, by name, with what they do: for the people who choose them for a profile."""

TOOLS: dict[str, str] = {
    "order_status": "Looks up where an order of the shop is: whether it was shipped, when, and when it will arrive.",
    "report_problem": "Files what is wrong with an order; the caller is told a reference number.",
    "ask_supervisor": "Asks a human colleague to join the call; the caller hears what follows.",
    "search_knowledge": "Looks up what humans have answered before: approved lessons that fit the caller's question.",
    "end_call": "Hangs up after the goodbye, when the caller needs nothing more.",
}
