"""What people look at: pictures, tables and the report. Reads results, changes nothing."""
