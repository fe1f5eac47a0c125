// Package browsertest gives tests a browser: a headless Chromium of their own, with a profile that is
// thrown away. TONGKA_TEST_CHROMIUM may name the program; else it is looked for where systems have it.
//
// A tab fails its test on anything the browser has to complain about: a message on the console, an
// exception, a violation of the page's policy, a file that could not be loaded. Tab.Accessible fails it on what keeps
// people from reading or using a page.
package browsertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a test may take with its browser.
const patience = 5 * time.Minute

// programs are what Chromium is called.
var programs = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
}

// Size is a window, in CSS pixels.
type Size struct{ Width, Height int64 }

// Phone and Desktop are the windows pages are looked at in.
var (
	Phone   = Size{390, 844}
	Desktop = Size{1280, 800}
)

// Tab is a tab of a browser that nobody else uses.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	dark   bool
	expect atomic.Pointer[string] // what it may complain of; nil = nothing
}

// Sever says that the server goes, so that the browser may complain of that, and of nothing else.
func (tab *Tab) Sever() { tab.Expect("net::ERR_") }

// Expect says that the browser may complain of what has that text in it, and from then on of nothing else.
func (tab *Tab) Expect(text string) { tab.expect.Store(&text) }

// New opens a browser of that size. It is closed when the test has ended.
func New(t testing.TB, size Size) *Tab {
	t.Helper()
	program, err := find()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "tongka-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, dir) })
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(patience), chromedp.WindowSize(int(size.Width), int(size.Height)),
	)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) }) // it waits for the browser's end, and a browser that is gone is no harm
	tab := &Tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, tab.heard)
	tab.Do(log.Enable())
	tab.View(size, 2)
	tab.Dark(false)
	return tab
}

// View has the window be of another size, and pictures have that many pixels for each of CSS. A narrow one is that of a
// phone.
func (tab *Tab) View(size Size, scale float64) {
	tab.t.Helper()
	options := []chromedp.EmulateViewportOption{chromedp.EmulateScale(scale)}
	if size.Width <= Phone.Width {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	tab.Do(chromedp.EmulateViewport(size.Width, size.Height, options...))
}

// Dark has pages drawn as in a browser that is set to dark colours, or to light ones. Either way nothing moves: what is
// looked at is not under way from one colour to another.
func (tab *Tab) Dark(dark bool) {
	tab.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	tab.dark = dark
	tab.Do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}))
	// Scripts hear of it with the next picture that the browser draws.
	Await[bool](tab, `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(true))))`)
}

// remove removes the browser's profile, in which it may write for a moment after it has ended.
func remove(t testing.TB, dir string) {
	var err error
	for range 100 {
		if err = os.RemoveAll(dir); err == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error(err)
}

func find() (string, error) {
	if named := os.Getenv("TONGKA_TEST_CHROMIUM"); named != "" {
		return named, nil
	}
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no Chromium: install the package chromium, or set TONGKA_TEST_CHROMIUM to the program")
}

// heard fails the test when the browser complains.
func (tab *Tab) heard(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		tab.t.Errorf("exception: %v", e.ExceptionDetails)
	case *runtime.EventConsoleAPICalled:
		for _, said := range e.Args {
			tab.t.Errorf("console %s: %s %s", e.Type, said.Value, said.Description)
		}
	case *log.EventEntryAdded:
		if expected := tab.expect.Load(); expected != nil && strings.Contains(e.Entry.Text, *expected) {
			return
		}
		if strings.Contains(e.Entry.Text, "unknown error occurred when fetching the script") {
			return // the page was left before its service worker had come
		}
		if e.Entry.Level == log.LevelInfo {
			return // like that a field has the focus already, so that autofocus had nothing to do
		}
		tab.t.Errorf("browser: %s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	}
}

// Do carries out actions of chromedp one after the other, or fails the test.
func (tab *Tab) Do(actions ...chromedp.Action) {
	tab.t.Helper()
	if err := chromedp.Run(tab.ctx, actions...); err != nil {
		tab.t.Fatal(err)
	}
}

// Leave clicks what leads to another page, and is over when that is there: what is typed too soon stands in the old
// one.
func Leave(what string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := chromedp.RunResponse(ctx, chromedp.Click(what, chromedp.ByQuery))
		return err
	})
}

// Before has a script run in every page before its own.
func (tab *Tab) Before(script string) {
	tab.t.Helper()
	tab.Do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
}

// Text is what a person reads in the first element of a selector.
func (tab *Tab) Text(selector string) (text string) {
	tab.t.Helper()
	tab.Do(chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

// Eval answers what a script in the page comes to.
func Eval[T any](tab *Tab, script string) (value T) {
	tab.t.Helper()
	tab.Do(chromedp.Evaluate(script, &value))
	return value
}

// Await answers what a promise in the page comes to.
func Await[T any](tab *Tab, script string) (value T) {
	tab.t.Helper()
	tab.Do(chromedp.Evaluate(script, &value, func(p *runtime.EvaluateParams) *runtime.EvaluateParams {
		return p.WithAwaitPromise(true)
	}))
	return value
}

// Picture is the first element of a selector as it looks.
func (tab *Tab) Picture(selector string) image.Image {
	tab.t.Helper()
	var shot []byte
	tab.Do(chromedp.Screenshot(selector, &shot, chromedp.ByQuery))
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		tab.t.Fatal(err)
	}
	return picture
}

// Save keeps how the whole page looks in TONGKA_TEST_PICTURES, where that names a folder.
func (tab *Tab) Save(name string) {
	tab.t.Helper()
	dir := os.Getenv("TONGKA_TEST_PICTURES")
	if dir == "" {
		return
	}
	var shot []byte
	tab.Do(chromedp.FullScreenshot(&shot, 100))
	if err := os.WriteFile(fmt.Sprintf("%s/%s.png", dir, name), shot, 0o644); err != nil {
		tab.t.Fatal(err)
	}
}

// Fits fails the test when the page is wider than its window.
func (tab *Tab) Fits() {
	tab.t.Helper()
	if over := Eval[int](tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		tab.t.Errorf("the page is %d pixels wider than its window", over)
	}
}
