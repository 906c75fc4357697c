"""Who may open the dashboard and what they may do there: the owner by a token, a group by sign-in and roles."""
