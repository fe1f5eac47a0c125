package console

// What is said of copies of the database.
var (
	wBackup     = text{"备份", "Backup"}
	wBackupNow  = text{"立即备份", "Back up now"}
	wBackupHelp = text{
		"备份是整个数据库的副本，做好后检查过。密钥文件不在其中，请另外保管。",
		"A backup is a copy of the whole database, checked when it is made. The key file is not in it: keep that elsewhere.",
	}
	wNoBackups  = text{"还没有备份", "There is no backup yet"}
	wPlanned    = text{"每 N 小时自动备份一次", "One is made by itself every N hours"}
	wNotPlanned = text{"没有自动备份：请设置 backup-every", "None is made by itself: set backup-every"}
	wBackupKept = text{"保留最近 N 份", "The newest N are kept"}
	wBackupLate = text{
		"自动备份没有按时完成，请查看任务和磁盘空间",
		"The backup that is made by itself is late: look at the jobs, and at the room on the disk",
	}
	wPostgresBackup = text{
		"数据库是 PostgreSQL，请用它自己的工具备份：小的用 pg_dump，其他用基础备份加 WAL 归档（pgbackrest、barman）。密钥文件另外保管。",
		"The database is PostgreSQL, which is backed up by its own tools: pg_dump for small books, base backups with WAL " +
			"archiving (pgbackrest, barman) for others. Keep the key file elsewhere.",
	}
)
