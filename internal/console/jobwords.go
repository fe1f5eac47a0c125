package console

// What the pages of jobs say.
var (
	wJobs         = text{"任务", "Jobs"}
	wNoJobs       = text{"还没有任务", "There are no jobs"}
	wJobWaits     = text{"等待中", "Waiting"}
	wJobRuns      = text{"进行中", "Running"}
	wJobEnds      = text{"正在取消", "Ending"}
	wJobDone      = text{"已完成", "Done"}
	wJobFailed    = text{"失败", "Failed"}
	wJobCancelled = text{"已取消", "Cancelled"}
	wJobCancel    = text{"取消任务", "Cancel it"}
	wJobLeave     = text{
		"可以离开本页，任务会继续进行", "You can leave this page, and it goes on",
	}
	wJobRefresh = text{"刷新", "Refresh"}
	wJobBroke   = text{
		"没有完成。请再试一次；如果还是不行，请联系系统管理员",
		"It was not finished. Try again; if that does not help, ask whoever runs the server",
	}
	wJobKept = text{"结果保留 14 天", "What it left is kept for 14 days"}
	wJobBy   = text{"发起人", "Asked by"}
	wJobEnd  = text{"结束时间", "Ended"}
	wJobCame = text{"结束前处理到", "It came to"}
)
