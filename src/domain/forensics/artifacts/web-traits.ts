/**
 * What web shells have in common, as extended regular expressions that every awk knows: no intervals, no classes
 * by letter, no quotation marks (they would end the script's own).
 */
interface WebTrait {
  id: string;
  words: string;
  weight: number;
  awk: string;
}

export const webTraits: readonly WebTrait[] = [
  {
    id: 'runs-request',
    words: 'hands what the request says to a shell or an interpreter',
    weight: 60,
    awk: '(eval|assert|system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec|create_function|call_user_func) *[(].*[$](_GET|_POST|_REQUEST|_COOKIE|_SERVER|_FILES|[{]_)',
  },
  {
    id: 'runs-decoded',
    words: 'runs text that it decodes first',
    weight: 55,
    awk: '(eval|assert|include|require) *[(]? *@?(base64_decode|gzinflate|gzuncompress|str_rot13|strrev|hex2bin|convert_uudecode) *[(]',
  },
  {
    id: 'java-runs-request',
    words: 'starts a program with a parameter of the request',
    weight: 60,
    awk: '(getRuntime *[(] *[)] *[.]exec|ProcessBuilder).*getParameter|getParameter.*(getRuntime|ProcessBuilder|ScriptEngine)',
  },
  {
    id: 'java-starts-programs',
    words: 'starts programs',
    weight: 35,
    awk: 'getRuntime *[(] *[)] *[.]exec *[(]|new ProcessBuilder *[(]|[.]execute *[(] *[)] *[.]text',
  },
  {
    id: 'java-defines-classes',
    words: 'defines a class out of bytes, as memory shells do',
    weight: 45,
    awk: 'defineClass *[(]|ClassLoader.*getParameter|BASE64Decoder.*getParameter',
  },
  {
    id: 'asp-runs-request',
    words: 'evaluates what the request says',
    weight: 60,
    awk: '(eval|execute|ExecuteGlobal) *[(]? *[Rr]equest|Process[.]Start.*[Rr]equest',
  },
  {
    id: 'starts-shell',
    words: 'starts a shell',
    weight: 30,
    awk: '(shell_exec|passthru|proc_open|popen) *[(]',
  },
  {
    id: 'known-shell',
    words: 'names a known web shell',
    weight: 60,
    awk: '(c99shell|r57shell|WSO [0-9]|b374k|FilesMan|weevely|china ?chopper|behinder|godzilla_pass)',
  },
  {
    id: 'handler',
    words: 'makes the server run files of another kind',
    weight: 40,
    awk: '(AddType|AddHandler|SetHandler) .*(x-httpd-php|cgi-script)|auto_(prepend|append)_file',
  },
];
