package metrics

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	memoryInfo  = windows.NewLazySystemDLL("psapi.dll").NewProc("GetProcessMemoryInfo")
	handleCount = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetProcessHandleCount")
)

// memoryCounters is PROCESS_MEMORY_COUNTERS_EX.
type memoryCounters struct {
	size, _                         uint32
	_, workingSet, _, _, _, _, _, _ uintptr
	private                         uintptr
}

// maxHandles is the maximum number of handles of a process.
const maxHandles = 16 << 20

// Process collects the metrics of the process. Values that cannot be read are omitted.
func Process(to *Scrape) {
	process := windows.CurrentProcess()
	var started, ended, kernel, user windows.Filetime
	if windows.GetProcessTimes(process, &started, &ended, &kernel, &user) == nil {
		const nanoseconds = 1e9
		to.Add(processStart, float64(started.Nanoseconds()/nanoseconds))
		to.Add(processCPU, seconds(kernel)+seconds(user))
	}
	memory := memoryCounters{size: uint32(unsafe.Sizeof(memoryCounters{}))}
	if ok, _, _ := memoryInfo.Call(uintptr(process), uintptr(unsafe.Pointer(&memory)), uintptr(memory.size)); ok != 0 {
		to.Add(processSize, float64(memory.private))
		to.Add(processRSS, float64(memory.workingSet))
	}
	var handles uint32
	if ok, _, _ := handleCount.Call(uintptr(process), uintptr(unsafe.Pointer(&handles))); ok != 0 {
		to.Add(processFDs, float64(handles))
		to.Add(processMaxFDs, maxHandles)
	}
}

// seconds converts a duration, which Windows counts in units of 100 ns.
func seconds(span windows.Filetime) float64 {
	const unit = 1e7
	return float64(uint64(span.HighDateTime)<<32|uint64(span.LowDateTime)) / unit
}
