// Package page writes findings and the lock order as HTML pages. A page is one file
// that refers to nothing outside it: it can be mailed, kept beside a build, and
// opened without a network. It is whole without its script, which only filters.
package page
