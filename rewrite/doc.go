// Package rewrite is the façade: find, fix, and analyzers for other drivers.
package rewrite
