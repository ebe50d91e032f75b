// Calls the API with a name and a password. Go's standard library alone.
// Needs API_URL, API_USER and API_PASSWORD.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"
)

var client = &http.Client{
	Timeout: 30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the password goes to this API alone
	},
}

func main() {
	request, err := http.NewRequest("GET", os.Getenv("API_URL")+"/orders", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.SetBasicAuth(os.Getenv("API_USER"), os.Getenv("API_PASSWORD"))
	answer, err := client.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status, " ", string(text))
	}
	fmt.Println(string(text))
}
