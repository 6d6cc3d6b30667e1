-- What a user of Neovim does: see the findings, take a fix, undo it, take all of
-- them, save. Written for 0.7, which Debian has.

local function fail(...)
  io.stderr:write('e2e: ' .. string.format(...) .. '\n')
  vim.cmd('cquit 1')
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n'
end

local function count()
  return #vim.diagnostic.get(0)
end

local function eventually(what, f)
  if not vim.wait(30000, f, 20) then
    fail('%s: waited in vain; %d diagnostics, text:\n%s', what, count(), text())
  end
end

-- act takes the first code action of a kind. Neovim 0.7 takes the context alone,
-- with a kind that is no list, and always asks which action is meant.
local function act(kind, diagnostics)
  vim.ui.select = function(items, _, choose) choose(items[1], 1) end
  if vim.fn.has('nvim-0.8') == 1 then
    vim.lsp.buf.code_action({ context = { only = { kind }, diagnostics = diagnostics } })
  else
    vim.lsp.buf.code_action({ only = kind, diagnostics = diagnostics })
  end
end

local function main()
  local original = text()
  local file = assert(io.open(os.getenv('WANT')))
  local want = file:read('*a')
  file:close()

  local id = vim.lsp.start_client({
    name = 'lockfix',
    cmd = { os.getenv('LOCKFIX'), 'lsp' },
    root_dir = vim.fn.getcwd(),
  })
  if not id or not vim.lsp.buf_attach_client(0, id) then
    fail('lockfix lsp does not start')
  end
  eventually('findings are shown', function() return count() == 2 end)

  local first = vim.diagnostic.get(0)[1]
  local line = vim.api.nvim_buf_get_lines(0, first.lnum, first.lnum + 1, false)[1]
  if line:sub(first.col + 1, first.end_col) ~= 'c <- struct{}{}' then
    fail('the finding underlines %q', line:sub(first.col + 1, first.end_col))
  end
  if first.code ~= 'wakeloop' or first.source ~= 'lockfix' then
    fail('the finding is %s', vim.inspect(first))
  end

  -- The fix of the line that the cursor is on.
  vim.api.nvim_win_set_cursor(0, { first.lnum + 1, 0 })
  act('quickfix', vim.lsp.diagnostic.get_line_diagnostics())
  eventually('the fix is applied', function() return text() ~= original end)
  if text() == want then
    fail('one fix did the work of two')
  end
  eventually('one finding is left', function() return count() == 1 end)

  -- Undo brings all of it back, and the findings.
  vim.cmd('undo')
  if text() ~= original then
    fail('undo gives\n%s', text())
  end
  eventually('both findings are back', function() return count() == 2 end)

  -- Hover shows the proof.
  local params = vim.lsp.util.make_position_params()
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/hover', params, 5000)
  local hover = answers and answers[id] and answers[id].result
  if not hover or not hover.contents.value:find('proved:', 1, true) then
    fail('hover shows %s', vim.inspect(answers))
  end

  -- All fixes at once, as editors do when they save.
  act('source.fixAll', {})
  eventually('all fixes are applied', function() return text() == want end)
  vim.cmd('write')
  eventually('nothing is left', function() return count() == 0 end)

  -- An edit asked for right behind a change is of the changed text.
  vim.cmd('undo')
  vim.api.nvim_buf_set_lines(0, 0, 0, false, { '// 世界' })
  local changed = text()
  act('source.fixAll', {})
  eventually('all fixes are applied to the changed text', function() return text() ~= changed end)
  if text() ~= '// 世界\n' .. want then
    fail('the changed text became\n%s', text())
  end

  vim.lsp.stop_client(id)
  if not vim.wait(5000, function() return vim.lsp.client_is_stopped(id) end, 20) then
    fail('lockfix lsp does not end')
  end
end

local ok, err = pcall(main)
if not ok then
  fail('%s', err)
end
vim.cmd('qall!')
