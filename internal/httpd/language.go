package httpd

import (
	"net/http"
	"time"

	"golang.org/x/text/language"

	"tongka/internal/ledger"
)

// LanguageCookie keeps which language somebody chose for the pages.
const LanguageCookie = "tongka-language"

var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// Language returns the language in which a browser that reaches the pages at url is answered: the one that was chosen
// in it, or else what the browser itself asks for. Whoever understands neither gets Chinese.
func Language(url string, r *http.Request) ledger.Language {
	if kept, err := r.Cookie(Cookie(url, LanguageCookie).Name); err == nil {
		switch l := ledger.Language(kept.Value); l {
		case ledger.Chinese, ledger.English:
			return l
		}
	}
	if _, i := language.MatchStrings(languages, r.Header.Get("Accept-Language")); i == 1 {
		return ledger.English
	}
	return ledger.Chinese
}

// languageFor is how long the choice of a language is kept.
const languageFor = 365 * 24 * time.Hour

// KeepLanguage has a browser keep the language that somebody chose in it, for the pages at url. It does nothing if
// there is no such language.
func KeepLanguage(w http.ResponseWriter, url, chosen string) {
	switch l := ledger.Language(chosen); l {
	case ledger.Chinese, ledger.English:
		kept := Cookie(url, LanguageCookie)
		kept.Value, kept.MaxAge = chosen, int(languageFor/time.Second)
		http.SetCookie(w, &kept)
	}
}
