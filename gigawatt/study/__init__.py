"""Studies: questions asked of a world. They call `run`, never a mechanism; `verify` asks the bare laws."""
