package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

func orders(response http.ResponseWriter, request *http.Request) {
	who, err := identify(request)
	if err != nil {
		response.Header().Set("WWW-Authenticate", "Gatehouse")
		response.WriteHeader(http.StatusUnauthorized)
		return
	}
	response.Header().Set("Content-Type", "application/json")
	json.NewEncoder(response).Encode(map[string]any{"orders": []string{}, "caller": who})
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

func main() {
	http.HandleFunc("/orders", orders)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+env("PORT", "3000"), nil))
}
