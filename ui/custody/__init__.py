"""The custody page: what happened to an exhibit, the next step, and whether the record still holds."""
