package ledger_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// A phone number is normalised from every spelling; a text that is none is left unchanged.
func TestNormalPhone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "13800138000": "13800138000", "138 0013 8000": "13800138000", "138-0013-8000": "13800138000",
		"+86 138-0013-8000": "13800138000", "+8613800138000": "13800138000", "008613800138000": "13800138000",
		"8613800138000": "13800138000", "（+86）13800138000": "13800138000", "１３８００１３８０００": "13800138000",
		"＋８６　１３８００１３８０００": "13800138000", "\u202d13800138000\u202c": "13800138000", "138\u200b0013\u200b8000": "13800138000",
		"\ufeff13800138000": "13800138000", "138\u00a00013\u30008000": "13800138000", "138–0013—8000": "13800138000",
		"138－0013－8000": "13800138000",
		"13800138000.0": "13800138000", "\t13800138000 ": "13800138000",
		"(0592) 123-4567": "05921234567", "+86 592 1234567": "+865921234567", "8612345678901": "8612345678901",
		"6612 3456": "66123456", "66123456": "66123456", "+853 6612-3456": "+85366123456",
		"+44 20 7946 0958": "+442079460958",
		"-":                "", " ": "", "+": "+", "13800138000/13900139000": "13800138000/13900139000",
		"186xxxxxxxx":        "186xxxxxxxx",
		"138 0013 8000 转 12": "138 0013 8000 转 12", "a\u200bb": "ab", "1.38E+10": "1.38E+10", "%": "%", ".\u200b0": ".0",
		"1+2": "1+2", "138.00": "138.00",
	} {
		got := ledger.NormalPhone(text)
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if again := ledger.NormalPhone(got); again != got {
			t.Errorf("%q: %q becomes %q", text, got, again)
		}
	}
}

// Normalising a normalised number changes nothing, so what is stored is found.
func TestNormalPhoneIsStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("0186139+-(） \u200b\u3000.E转０１"))).Draw(t, "text")
		once := ledger.NormalPhone(text)
		if again := ledger.NormalPhone(once); again != once {
			t.Fatalf("%q becomes %q and then %q", text, once, again)
		}
	})
}

func TestSearchKeys(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"": nil, "\u3000\u200b": nil, "张三": {"张三"}, " 张三\u200b": {"张三"}, "A-0001": {"A-0001"}, "0001": {"0001"}, "%": {"%"},
		"6002-0001": {"6002-0001", "60020001"}, "138 0013": {"1380013"}, "+86 138": {"138"}, "+86": {"+86"}, "１３８０": {"1380"},
		"+853 6612": {"+853 6612"}, "(0592) 12": {"059212"}, "-": {"-"}, "(": {"("},
	} {
		if got := ledger.SearchKeys(typed); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
