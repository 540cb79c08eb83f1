"""One screen a file: widgets -> one named read or one named act -> draw. No SQL, no arithmetic."""
