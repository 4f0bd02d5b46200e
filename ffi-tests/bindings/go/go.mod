module libsspi.example/sspi

go 1.19
