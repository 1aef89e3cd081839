"""One imperative shell a command: settings in, an exit code out; short enough to read as its flow."""
