-- A copy is a cache: version 2 makes all of its tables anew, and version 1 has none of its own.
SELECT 1;
