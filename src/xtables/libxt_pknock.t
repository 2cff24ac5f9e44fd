# SPDX-License-Identifier: GPL-2.0-or-later
:INPUT,FORWARD
# the two usages
-p tcp -m pknock --knockports 2002,2001,2004 --name SSH;=;OK
-p udp -m pknock --knockports 2000 --name SSH --opensecret your_opensecret --closesecret your_closesecret;=;OK
-m pknock --checkip --name SSH;=;OK
-p tcp -m pknock --checkip --name SSH;=;OK
-m pknock --name SSH;;FAIL
-m pknock;;FAIL

# every option, in another order than it is saved in
-p tcp -m pknock --once --max-peers 100 --mask 24 --ttl 90 --strict --time 10 --name SSH --knockports 2002;-p tcp -m pknock --knockports 2002 --name SSH --time 10 --strict --ttl 90 --mask 24 --once --max-peers 100;OK
-p udp -m pknock --skew 0 --closesecret shut --opensecret open --autoclose 60 --time 10 --strict --name SSH --knockports 2000;-p udp -m pknock --knockports 2000 --name SSH --time 10 --strict --autoclose 60 --skew 0 --opensecret open --closesecret shut;OK
-m pknock --once --mask 24 --name SSH --checkip;-m pknock --checkip --name SSH --mask 24 --once;OK

# --name
-m pknock --checkip;;FAIL
-p tcp -m pknock --knockports 2002;;FAIL
-m pknock --checkip --name Az09_.-;=;OK
-m pknock --checkip --name a;=;OK
-m pknock --checkip --name ...;=;OK
-m pknock --checkip --name -t;=;OK
-m pknock --checkip --name aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;=;OK
-m pknock --checkip --name aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;;FAIL
-m pknock --checkip --name "";;FAIL
-m pknock --checkip --name .;;FAIL
-m pknock --checkip --name ..;;FAIL
-m pknock --checkip --name a/b;;FAIL
-m pknock --checkip --name ../a;;FAIL
-m pknock --checkip --name %s%n;;FAIL
-m pknock --checkip --name "a b";;FAIL
-m pknock --checkip --name ö;;FAIL
-m pknock --checkip --name;;FAIL
-m pknock --checkip --name a --name b;;FAIL
-m pknock --checkip ! --name a;;FAIL

# --knockports: ports
-p tcp -m pknock --knockports 1 --name SSH;=;OK
-p tcp -m pknock --knockports 65535 --name SSH;=;OK
-p tcp -m pknock --knockports 0 --name SSH;;FAIL
-p tcp -m pknock --knockports 65536 --name SSH;;FAIL
-p tcp -m pknock --knockports -1 --name SSH;;FAIL
-p tcp -m pknock --knockports 4294969298 --name SSH;;FAIL
-p tcp -m pknock --knockports 20x --name SSH;;FAIL
-p tcp -m pknock --knockports 2002:2004 --name SSH;;FAIL
-p tcp -m pknock --knockports "" --name SSH;;FAIL
-p tcp -m pknock --knockports , --name SSH;;FAIL
-p tcp -m pknock --knockports 2002, --name SSH;;FAIL
-p tcp -m pknock --knockports ,2002 --name SSH;;FAIL
-p tcp -m pknock --knockports 2002,,2001 --name SSH;;FAIL
-p tcp -m pknock --knockports 2002,2002,2002 --name SSH;=;OK
-p tcp -m pknock --knockports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 --name SSH;=;OK
-p tcp -m pknock --knockports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 --name SSH;;FAIL
-p tcp -m pknock --knockports 2002 --knockports 2001 --name SSH;;FAIL
-p tcp -m pknock ! --knockports 2002 --name SSH;;FAIL

# --knockports: protocols
-p udp -m pknock --knockports 2002,2001 --name SSH;=;OK
-m pknock --knockports 2002,2001 --name SSH -p tcp;-p tcp -m pknock --knockports 2002,2001 --name SSH;OK
-m pknock --knockports 2002 --name SSH;;FAIL
! -p tcp -m pknock --knockports 2002 --name SSH;;FAIL
-p 132 -m pknock --knockports 2002 --name SSH;;FAIL
-m pknock --knockports tcp/2002,udp/2001 --name SSH;=;OK
-m pknock --knockports tcp/1,udp/2,tcp/3,udp/4,tcp/5,udp/6,tcp/7,udp/8,tcp/9,udp/10,tcp/11,udp/12,tcp/13,udp/14,tcp/15 --name SSH;=;OK
-m pknock --knockports tcp/2002,2001 --name SSH;;FAIL
-p tcp -m pknock --knockports tcp/2002,2001 --name SSH;=;OK
-p tcp -m pknock --knockports tcp/2002,udp/2001 --name SSH;;FAIL
-p udp -m pknock --knockports tcp/2002 --name SSH;;FAIL
-m pknock --knockports tcp/2002 --name SSH -p udp;;FAIL
! -p udp -m pknock --knockports tcp/2002 --name SSH;=;OK
! -p tcp -m pknock --knockports tcp/2002 --name SSH;;FAIL
-m pknock --knockports sctp/2002 --name SSH;;FAIL
-m pknock --knockports /2002 --name SSH;;FAIL
-m pknock --knockports tcp/ --name SSH;;FAIL
-m pknock --knockports tcp/udp/2002 --name SSH;;FAIL
-m pknock --knockports 2002/tcp --name SSH;;FAIL
-m pknock --knockports tcp/0 --name SSH;;FAIL
-m pknock --knockports udp/65536 --name SSH;;FAIL

# --time and --strict
-p tcp -m pknock --knockports 2002 --name SSH --time 1;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --time 4294967295;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --time 0;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --time 4294967296;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --time -1;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --time 1s;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --time 1 --time 1;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --strict;=;OK
-p tcp -m pknock --knockports 2002 --name SSH ! --strict;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --strict --strict;;FAIL

# --autoclose and --ttl
-p tcp -m pknock --knockports 2002 --name SSH --autoclose 0;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --autoclose 1;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --autoclose 71582788;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --autoclose 71582789;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --autoclose 4294967295;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --ttl 0;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --ttl 61;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --ttl 4294967295;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --ttl 4294967296;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --autoclose 1 --ttl 60;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --ttl 60 --autoclose 1;;FAIL

# --opensecret and --closesecret
-p udp -m pknock --knockports 2000 --name SSH --opensecret a;;FAIL
-p udp -m pknock --knockports 2000 --name SSH --closesecret a;;FAIL
-p udp -m pknock --knockports 2000 --name SSH --opensecret a --closesecret a;;FAIL
-p udp -m pknock --knockports 2000 --name SSH --opensecret "" --closesecret a;;FAIL
-p udp -m pknock --knockports 2000 --name SSH --opensecret a --closesecret "";;FAIL
-p udp -m pknock --knockports 2000 --name SSH --opensecret a --closesecret b --opensecret c;;FAIL
-p udp -m pknock --knockports 2000 --name SSH --opensecret "two words" --closesecret "#1 ö";=;OK
-p udp -m pknock --knockports 2000 --name SSH --opensecret -t --closesecret --name;=;OK
-p udp -m pknock --knockports 2000 --name SSH --opensecret sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss --closesecret a;=;OK
-p udp -m pknock --knockports 2000 --name SSH --opensecret ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss --closesecret a;;FAIL
-p udp -m pknock --knockports 2000 --name SSH --opensecret a --closesecret sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss;=;OK
-p udp -m pknock --knockports 2000 --name SSH --opensecret a --closesecret ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss;;FAIL
-m pknock --knockports udp/2000 --name SSH --opensecret a --closesecret b;=;OK
-m pknock --knockports 2000 --name SSH --opensecret a --closesecret b;;FAIL
-p tcp -m pknock --knockports 2000 --name SSH --opensecret a --closesecret b;;FAIL
-m pknock --knockports tcp/2000 --name SSH --opensecret a --closesecret b;;FAIL
-p udp -m pknock --knockports 2000,2001 --name SSH --opensecret a --closesecret b;;FAIL
-m pknock --name SSH --opensecret a --closesecret b;;FAIL

# --skew
-p udp -m pknock --knockports 2000 --name SSH --skew 0 --opensecret a --closesecret b;=;OK
-p udp -m pknock --knockports 2000 --name SSH --skew 5 --opensecret a --closesecret b;=;OK
-p udp -m pknock --knockports 2000 --name SSH --skew 6 --opensecret a --closesecret b;;FAIL
-p udp -m pknock --knockports 2000 --name SSH --skew 1;;FAIL

# --mask, as far as it is the same for both families
-m pknock --checkip --name SSH --mask 1;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --mask 32;=;OK
-m pknock --checkip --name SSH --mask 0;;FAIL
-m pknock --checkip --name SSH --mask 129;;FAIL
-m pknock --checkip --name SSH --mask 255.255.255.0;;FAIL

# --once and --max-peers
-p tcp -m pknock --knockports 2002 --name SSH --once;=;OK
-m pknock --checkip --name SSH --once;=;OK
-m pknock --checkip --name SSH ! --once;;FAIL
-p tcp -m pknock --knockports 2002 --name SSH --max-peers 1;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --max-peers 4294967295;=;OK
-p tcp -m pknock --knockports 2002 --name SSH --max-peers 0;;FAIL

# --checkip excludes what belongs to knocks
-p tcp -m pknock --checkip --name SSH --knockports 2002;;FAIL
-m pknock --checkip --name SSH --time 10;;FAIL
-m pknock --checkip --name SSH --strict;;FAIL
-m pknock --checkip --name SSH --autoclose 1;;FAIL
-m pknock --checkip --name SSH --ttl 60;;FAIL
-m pknock --checkip --name SSH --opensecret a --closesecret b;;FAIL
-m pknock --checkip --name SSH --skew 1;;FAIL
-m pknock --checkip --name SSH --max-peers 1;;FAIL
-m pknock --checkip --checkip --name SSH;;FAIL
-m pknock ! --checkip --name SSH;;FAIL
