// Gets an access token from an issuer, and calls the API with it (RFC 6749 §4.4).
// Go's standard library alone; golang.org/x/oauth2/clientcredentials does the same.
// Needs API_URL, and of the issuer TOKEN_URL, CLIENT_ID and CLIENT_SECRET.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

var client = &http.Client{
	Timeout: 30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	},
}

func send(request *http.Request) (int, []byte, error) {
	answer, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status + " " + string(text))
	}
	return answer.StatusCode, text, err
}

func newToken() (string, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"orders.read"}}
	request, err := http.NewRequest("POST", os.Getenv("TOKEN_URL"), strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// Encoded as in a form, before they are joined (RFC 6749 §2.3.1).
	request.SetBasicAuth(
		url.QueryEscape(os.Getenv("CLIENT_ID")), url.QueryEscape(os.Getenv("CLIENT_SECRET")))
	_, text, err := send(request)
	if err != nil {
		return "", err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	err = json.Unmarshal(text, &answer)
	return answer.AccessToken, err
}

var token string

func call(path string) (string, error) {
	for tries := 1; ; tries++ {
		request, err := http.NewRequest("GET", os.Getenv("API_URL")+path, nil)
		if err != nil {
			return "", err
		}
		request.Header.Set("Authorization", "Bearer "+token)
		status, text, err := send(request)
		if status != 401 || tries == 2 {
			return string(text), err
		}
		if token, err = newToken(); err != nil { // it ended: once more with another
			return "", err
		}
	}
}

func main() {
	var err error
	if token, err = newToken(); err != nil {
		log.Fatal(err)
	}
	text, err := call("/orders")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text)
}
