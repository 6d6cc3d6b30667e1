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

-- menu returns who offers what for the line of the cursor: the actions of all servers
-- in one list.
local function menu()
  local offered = {}
  vim.ui.select = function(items)
    for _, item in ipairs(items) do
      local id, action = item[1] or item.ctx.client_id, item[2] or item.action
      local name = vim.lsp.get_client_by_id(id).name
      offered[name] = (offered[name] or '') .. action.title .. '; '
    end
    offered.done = true
  end
  vim.lsp.buf.code_action()
  eventually('the menu of actions', function() return offered.done end)
  return offered
end

local function main()
  local progress, resolved = {}, 0
  vim.lsp.handlers['$/progress'] = function(_, result) progress[result.value.kind] = result.value.title or result.value.message or '' end

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
  eventually('progress begins and ends', function() return progress.begin and progress['end'] end)
  local client = vim.lsp.get_client_by_id(id)
  local request = client.request
  client.request = function(method, ...)
    if method == 'codeAction/resolve' then
      resolved = resolved + 1
    end
    return request(method, ...)
  end

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
  local gopls = vim.lsp.start_client({ name = 'gopls', cmd = { 'gopls' }, root_dir = vim.fn.getcwd() })
  if not gopls or not vim.lsp.buf_attach_client(0, gopls) then
    fail('gopls does not start')
  end
  eventually('gopls is there', function() return vim.lsp.get_client_by_id(gopls).initialized end)
  local offered
  eventually('actions of both servers', function()
    offered = menu()
    return offered.lockfix and offered.gopls
  end)
  if not offered.lockfix:find('take g.waiters, unlock, then send', 1, true) then
    fail('the menu has %s', vim.inspect(offered))
  end
  print('e2e: the menu has of lockfix: ' .. offered.lockfix .. 'of gopls: ' .. offered.gopls)
  vim.lsp.stop_client(gopls)
  eventually('gopls is gone', function() return vim.lsp.client_is_stopped(gopls) end)

  act('quickfix', vim.lsp.diagnostic.get_line_diagnostics())
  eventually('the fix is applied', function() return text() ~= original end)
  if resolved == 0 then
    fail('the fix was not resolved: its edit came with the menu')
  end
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
