package phrase

import (
	"math"
	"strconv"
	"time"
)

// Wait returns how long somebody waits until he may try again, rounded up, in what people count in.
func Wait(d time.Duration) Text {
	switch {
	case d > 2*time.Hour:
		return many(d.Hours(), "小时", "hours")
	case d > 2*time.Minute:
		return many(d.Minutes(), "分钟", "minutes")
	case d <= time.Second:
		return Text{"1 秒", "1 second"}
	}
	return many(d.Seconds(), "秒", "seconds")
}

func many(n float64, zh, en string) Text {
	number := strconv.Itoa(int(math.Ceil(n)))
	return Text{number + " " + zh, number + " " + en}
}

// TriesOver says that a card's password was wrong too often, and how long it is not tried.
func TriesOver(wait time.Duration) Text {
	w := Wait(wait)
	return Text{
		"卡密码错误次数过多，请 " + w.Zh + "后再试", "The card's password was wrong too often: try again in " + w.En,
	}
}
