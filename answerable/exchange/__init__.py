"""Files and foreign systems to tables and documents, and back. One file each, one library each."""
