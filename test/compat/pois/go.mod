module github.com/gocess/gocess/test/compat/pois

go 1.26.8

require (
	github.com/CESSProject/cess_pois v0.6.0
	github.com/gocess/gocess v0.0.0
)

require (
	github.com/go-ole/go-ole v1.2.6 // indirect
	github.com/panjf2000/ants/v2 v2.7.5 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	github.com/shirou/gopsutil v3.21.11+incompatible // indirect
	github.com/yusufpapurcu/wmi v1.2.3 // indirect
	golang.org/x/sys v0.49.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)

replace github.com/gocess/gocess => ../../..
