package metrics

// The metrics of the process, named as in Prometheus' client library. Which of them exist depends
// on the system.
var (
	processCPU      = counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.")
	processFDs      = gauge("process_open_fds", "Number of open file descriptors.")
	processMaxFDs   = gauge("process_max_fds", "Maximum number of open file descriptors.")
	processSize     = gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.")
	processMaxSize  = gauge("process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.")
	processRSS      = gauge("process_resident_memory_bytes", "Resident memory size in bytes.")
	processStart    = gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.")
	processReceived = counter("process_network_receive_bytes_total", "Number of bytes received by the process over the network.")
	processSent     = counter("process_network_transmit_bytes_total", "Number of bytes sent by the process over the network.")
)
