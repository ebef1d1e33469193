"""SIP signalling: messages, transactions, dialogs, descriptions."""
