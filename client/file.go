package client

import (
	"context"
	"net/http"
)

// File is a file that the API takes or gives.
type File struct {
	Type    string // its media type, like text/csv
	Content []byte
}

// Upload is Do for what takes a file, like /v1/imports?name=cards.csv. A try has 30 s unless API.HTTP says otherwise.
func (a *API) Upload(ctx context.Context, path, once string, file File, into any) (Receipt, error) {
	return a.do(ctx, asked{method: http.MethodPost, path: path, once: once, body: file}, into)
}

// Download reads a file, like that of /v1/exports/{id}/file.
func (a *API) Download(ctx context.Context, path string) (File, error) {
	r, err := a.send(ctx, asked{method: http.MethodGet, path: path, file: true})
	if err == nil {
		err = r.refusal()
	}
	if err != nil {
		return File{}, err
	}
	return File{r.header.Get("Content-Type"), r.body}, nil
}
