-- Cash back that was taken back counts against what was given, so all days are added up anew.
DELETE FROM day_total;
DELETE FROM follower WHERE name = 'day totals';
