// Package sandbox runs a program on bytes from strangers so that whatever those bytes do to it ends with it.
//
// The program is as a rule this one, started again with a hidden command. The parent's side (run.go) starts it with
// nothing: no environment, no descriptors but three pipes, no network and no other process in sight where the kernel
// allows it, and a moment after which it is killed with everything it started. The child's side (confine_linux.go) gives
// up memory, processor, files and core dumps before it reads a byte. What the child itself starts, a renderer written in
// C++ say, is held tighter still (renderer_linux.go): it may read the system's libraries and write nothing.
//
// What is asked and answered through the pipes is the caller's business. Read run.go first. Only Linux has all of this;
// elsewhere, for work on the program itself, only the clock and the pipes are left, and Held says so.
package sandbox
