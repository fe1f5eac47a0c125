module tongka

go 1.26.0
