package main

import (
	"net"
	"sync"
)

// doors lets several servers, one after the other, take connections at one address. Between two of them callers wait
// and are not refused.
type doors struct {
	listener net.Listener
	waiting  chan net.Conn
	ended    chan struct{} // closed when nobody is let in any more
	fault    error         // why; set before ended is closed
}

func openDoors(addr string) (*doors, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	d := &doors{listener: listener, waiting: make(chan net.Conn), ended: make(chan struct{})}
	go d.run()
	return d, nil
}

func (d *doors) run() {
	defer close(d.ended)
	for {
		conn, err := d.listener.Accept()
		if err != nil {
			d.fault = err
			return
		}
		d.waiting <- conn
	}
}

// Close refuses callers from now on, also the one that waits.
func (d *doors) Close() error {
	err := d.listener.Close()
	for {
		select {
		case conn := <-d.waiting:
			_ = conn.Close() // nobody was told anything yet
		case <-d.ended:
			return err
		}
	}
}

// door returns a listener for one server. To close it ends nothing but that.
func (d *doors) door() *door {
	return &door{doors: d, rests: make(chan struct{}), shut: make(chan struct{})}
}

// door is one server's part of doors.
type door struct {
	*doors
	rests chan struct{} // closed when it lets nobody in any more
	shut  chan struct{}
	once  sync.Once
}

// rest lets nobody in any more. Whoever comes waits for the next server. It must be called once.
func (d *door) rest() { close(d.rests) }

func (d *door) Accept() (net.Conn, error) {
	select {
	case <-d.shut:
		return nil, net.ErrClosed
	case <-d.ended:
		return nil, d.fault
	case <-d.rests:
		<-d.shut
		return nil, net.ErrClosed
	case conn := <-d.waiting:
		return conn, nil
	}
}

func (d *door) Close() error {
	d.once.Do(func() { close(d.shut) })
	return nil
}

func (d *door) Addr() net.Addr { return d.listener.Addr() }
