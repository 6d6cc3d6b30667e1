;;; What a user of Emacs does: see the findings, take a fix, undo it, take all of
;;; them.  Written for Emacs 28 and eglot 1.9, which Debian has.  -*- lexical-binding: t -*-

(require 'package)
(package-initialize)
(dolist (library '(eglot go-mode flymake))
  (unless (require library nil t)
    (message "e2e: %s is missing: apt-get install elpa-eglot elpa-go-mode" library)
    (kill-emacs 1)))

(defun e2e-fail (format &rest args)
  (message "e2e: %s" (apply #'format format args))
  (kill-emacs 1))

(defmacro e2e-eventually (what form)
  `(let ((end (+ (float-time) 30)))
     (while (not ,form)
       (when (> (float-time) end)
         (e2e-fail "%s: waited in vain; diagnostics %S, text:\n%s" ,what (e2e-count) (buffer-string)))
       (accept-process-output nil 0.05))))

;; Timers that wait for an idle user do not run in batch mode: changes are sent and
;; findings are fetched by hand.
(defun e2e-count ()
  (eglot--signal-textDocument/didChange)
  (flymake-start)
  (length (flymake-diagnostics)))

(defun e2e-file (name)
  (with-temp-buffer (insert-file-contents name) (buffer-string)))

(setq eglot-server-programs `((go-mode . (,(getenv "LOCKFIX") "lsp")))
      eglot-autoshutdown t
      eglot-confirm-server-initiated-edits nil
      vc-follow-symlinks t)

(find-file "gate.go")
(go-mode)
(buffer-enable-undo)
(let ((original (buffer-string))
      (want (e2e-file (getenv "WANT"))))
  (apply #'eglot (eglot--guess-contact))
  (e2e-eventually "findings are shown" (= (e2e-count) 2))
  (let* ((first (car (sort (flymake-diagnostics) (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b))))))
         (beg (flymake-diagnostic-beg first))
         (end (flymake-diagnostic-end first)))
    (unless (equal (buffer-substring beg end) "c <- struct{}{}")
      (e2e-fail "the finding underlines %S" (buffer-substring beg end)))
    (unless (string-match-p "gate.go:[0-9]+:[0-9]+: c is unbuffered" (flymake-diagnostic-text first))
      (e2e-fail "the message has no frame: %s" (flymake-diagnostic-text first)))
    (undo-boundary)
    (eglot-code-actions beg end "quickfix" t))
  (e2e-eventually "the fix is applied" (not (equal (buffer-string) original)))
  (when (equal (buffer-string) want)
    (e2e-fail "one fix did the work of two"))
  (e2e-eventually "one finding is left" (= (e2e-count) 1))
  (undo-boundary)
  (primitive-undo 1 (progn (while (null (car buffer-undo-list)) (pop buffer-undo-list)) buffer-undo-list))
  (unless (equal (buffer-string) original)
    (e2e-fail "undo gives\n%s" (buffer-string)))
  (e2e-eventually "both findings are back" (= (e2e-count) 2))
  (eglot-code-actions (point-min) (point-max) "source.fixAll.lockfix" t)
  (e2e-eventually "all fixes are applied" (equal (buffer-string) want))
  (save-buffer)
  (e2e-eventually "nothing is left" (= (e2e-count) 0))
  (eglot-shutdown (eglot-current-server))
  (message "e2e: Emacs %s: passed" emacs-version))
