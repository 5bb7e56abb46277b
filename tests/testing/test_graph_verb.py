"""`mbflow graph` as users meet it."""


def graph(project, *arguments):
    return project.run("-e", "local", "graph", *arguments)


def test_one_flow(project):
    ran = graph(project, "menu")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith('flowchart TD\n  f0s0["1 say<br/>For sales, press 1."]\n')


def test_all_flows_as_dot(project):
    project.write("flows/bye.yaml", "steps: [{action: hangup}]\n")
    ran = graph(project, "--format", "dot")
    assert ran.out.startswith("digraph mbflow {")
    assert 'label="bye";' in ran.out and 'label="menu";' in ran.out


def test_a_name_that_there_is_not(project):
    ran = graph(project, "menus")
    assert (ran.code, ran.out) == (64, "")
    assert ran.err == 'Error: There is no flow menus in local. Did you mean "menu"?\n'
    far = graph(project, "nosuch")
    assert far.err == "Error: There is no flow nosuch in local.\n  There is menu.\n"


def test_a_flow_with_errors(project):
    project.write("flows/bad.yaml", "steps: [{action: sing}]\n")
    ran = graph(project, "bad")
    assert ran.code == 1
    assert 'flows/bad.yaml:1:18: error: There is no action "sing".' in ran.err
    assert graph(project, "menu").code == 0
    whole = graph(project)
    assert (whole.code, "For sales, press 1." in whole.out) == (1, True)
    assert whole.err.startswith(ran.err.rstrip())


def test_a_secret_is_not_drawn(project):
    options = "{payload: 'Pin ${pin}.', language: en-GB, voice: male}"
    project.write("flows/secret.yaml", f"steps: [{{action: say, options: {options}}}]\n")
    ran = graph(project, "secret")
    assert "4711" not in ran.out and "Pin $#123;pin#125;." in ran.out


def test_more_than_github_draws(project):
    step = "  - {action: pause, options: {length: 1}}\n"
    project.write("flows/long.yaml", "steps:\n" + step * 501)
    ran = graph(project, "long")
    assert ran.err == "GitHub draws at most 500 arrows, and these are 501. Name fewer flows.\n"


def test_a_text_that_is_longer_than_github_draws(project):
    options = "{payload: '" + "<" * 48 + "', language: en-GB, voice: male}"
    step = f"  - {{action: say, options: {options}}}\n"
    project.write("flows/wide.yaml", "steps:\n" + step * 300)
    ran = graph(project, "wide")
    assert ran.code == 0
    told = f"at most 50,000 characters, and this one has {len(ran.out) - 1:,}. Name fewer flows.\n"
    assert ran.err == f"GitHub draws diagrams of {told}"


TWO = """\
project: acme
variables: {sales: "442079460111"}
environments:
  production: {endpoint: "https://voice.example.com"}
  staging: {endpoint: embedded, variables: {sales: "442079460222"}}
"""


def test_a_flow_is_drawn_as_in_its_first_environment(project):
    project.write("mbflow.yaml", TWO)
    only = "steps: [{action: hangup}]\nmbflow: {environments: [staging]}\n"
    project.write("flows/only.yaml", only)
    ran = project.run("graph")
    assert (ran.code, ran.err) == (
        0,
        "Without -e: the flows as they are in production, or in the first environment that has "
        "them, of production and staging.\n",
    )
    assert '["menu"]' in ran.out and '["only"]' in ran.out and "442079460111" in ran.out
    named = project.run("-e", "staging", "graph", "menu")
    assert (named.err, "442079460222" in named.out) == ("", True)
    gone = project.run("graph", "menus")
    assert gone.code == 64
    assert "There is no flow menus in production or staging. Did you mean" in gone.err
    walked = project.run("-e", "production", "graph", "only")
    assert "There is no flow only in production." in walked.err
